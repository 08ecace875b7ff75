"""What `make bench` measured last; written by benchmarks/run.py."""

ABOUT = {
    "date": "2026-11-22",
    "rounds": 5,
    "cores": 2,
    "system": "Linux x86_64, Python 3.11.7",
    "versions": {
        "mkdocs": "1.6.1",
        "mkdocs_material": "9.8.1",
        "numpy": "2.4.6",
        "matplotlib": "3.11.2",
        "distributed": "2026.8.0",
    },
}
MEASURED = {
    20: {
        "seconds": {
            "snippets": 4.446591758009163,
            "cold": 8.53334738900594,
            "megabytes": 115.66015625,
            "bare": 1.7808481859974563,
            "both cores": 5.280000000000003,
            "nothing": 0.8822583200089866,
            "sentence": 1.0717878280120203,
            "snippet": 2.5245522299956065,
            "shared": 5.400491981999949,
            "cluster": 11.165619282997795,
        },
        "ratios": {
            "cold": 1.5609878161816273,
            "cluster": 1.3373706544003447,
            "nothing": 0.5173454325013269,
            "sentence": 0.6018412105194189,
            "snippet": 1.4176122646757787,
        },
    },
    80: {
        "seconds": {
            "snippets": 16.946416741004214,
            "cold": 27.690427987006842,
            "megabytes": 131.947265625,
            "bare": 4.086971498007188,
            "both cores": 18.865000000000002,
            "nothing": 1.272654157000943,
            "sentence": 1.326762996002799,
            "snippet": 2.8360480590054067,
            "shared": 14.639769504996366,
            "cluster": 33.1916299930017,
        },
        "ratios": {
            "cold": 1.407490547476887,
            "cluster": 1.2795514650957582,
            "nothing": 0.3281572464724343,
            "sentence": 0.36453376403961935,
            "snippet": 0.7810019571075234,
        },
    },
}
MANY = {250: (0.230184439002187, 10.2265625), 1000: (0.890945258011925, 40.4140625)}
