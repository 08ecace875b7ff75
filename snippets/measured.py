"""What `make bench` measured last; written by benchmarks/run.py."""

ABOUT = {
    "date": "2026-11-22",
    "rounds": 3,
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
            "snippets": 4.478584361000685,
            "cold": 8.890215560997603,
            "megabytes": 120.927734375,
            "bare": 1.5413630559996818,
            "both cores": 5.140000000000001,
            "nothing": 0.8197240259978571,
            "sentence": 0.9225039430020843,
            "snippet": 2.4841166420010268,
            "shared": 5.304810239002109,
            "cluster": 11.226162145001581,
        },
        "ratios": {
            "cold": 1.6178736234754512,
            "cluster": 1.2937542550098975,
            "nothing": 0.531817616107458,
            "sentence": 0.6535798591234516,
            "snippet": 1.6749134905148884,
        },
    },
    80: {
        "seconds": {
            "snippets": 18.592367143006413,
            "cold": 28.57938213399757,
            "megabytes": 136.419921875,
            "bare": 3.686423143000866,
            "both cores": 20.085000000000015,
            "nothing": 1.4732758329992066,
            "sentence": 1.4747880189970601,
            "snippet": 3.2388618090044474,
            "shared": 15.380209205002757,
            "cluster": 36.018271193002874,
        },
        "ratios": {
            "cold": 1.4113275127900058,
            "cluster": 1.2387795263188461,
            "nothing": 0.34430216641877825,
            "sentence": 0.3908625373259609,
            "snippet": 0.8795969770016424,
        },
    },
}
MANY = {250: (0.24558530500507914, 10.21484375), 1000: (0.7645200779952575, 40.4140625)}
