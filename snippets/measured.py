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
            "snippets": 4.694463510000787,
            "cold": 8.377601558997412,
            "megabytes": 114.6259765625,
            "bare": 1.7737503629978164,
            "both cores": 5.359999999999999,
            "nothing": 0.7719038840004941,
            "sentence": 0.9196350779966451,
            "snippet": 2.284692631998041,
            "shared": 5.121930503002659,
            "cluster": 11.108423302001029,
        },
        "ratios": {
            "cold": 1.562985365484592,
            "cluster": 1.4282676100958844,
            "nothing": 0.5507642668381271,
            "sentence": 0.5711815102606479,
            "snippet": 1.369317314194561,
        },
    },
    80: {
        "seconds": {
            "snippets": 17.91087174400309,
            "cold": 27.45748503500363,
            "megabytes": 131.05859375,
            "bare": 4.032798803993501,
            "both cores": 19.43,
            "nothing": 1.2210313969990239,
            "sentence": 1.3775245349970646,
            "snippet": 2.8375416189956013,
            "shared": 15.00132751899946,
            "cluster": 35.95441779200337,
        },
        "ratios": {
            "cold": 1.3721881576713455,
            "cluster": 1.309457794337959,
            "nothing": 0.321661686941716,
            "sentence": 0.38312402876839796,
            "snippet": 0.7390209414979368,
        },
    },
}
MANY = {250: (0.2241711650058278, 10.2734375), 1000: (0.7122328949990333, 40.41015625)}
