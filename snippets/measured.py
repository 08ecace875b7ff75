"""What `make bench` measured last; written by benchmarks/run.py."""

ABOUT = {
    "date": "2026-11-21",
    "rounds": 2,
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
            "snippets": 4.270764918001078,
            "bare": 1.575530340502155,
            "both cores": 4.9375,
            "cold": 10.095619913499831,
            "megabytes": 120.591796875,
            "nothing": 0.7960686945007183,
            "sentence": 0.9382641295014764,
            "snippet": 2.3640191790000245,
            "shared": 5.55683316700015,
            "cluster": 16.585970298503526,
        },
        "ratios": {
            "cold": 2.0222207051083174,
            "cluster": 1.7976918529170258,
            "nothing": 0.515743528018624,
            "sentence": 0.5997723559961445,
            "snippet": 1.507224644150408,
        },
    },
    80: {
        "seconds": {
            "snippets": 18.815939387503022,
            "bare": 3.9720430900015344,
            "both cores": 20.17500000000001,
            "cold": 32.435535364002135,
            "megabytes": 136.05126953125,
            "nothing": 1.4053048740024678,
            "sentence": 1.6007051390006382,
            "snippet": 3.5798288994992618,
            "shared": 17.45814807750139,
            "cluster": 61.008616437000455,
        },
        "ratios": {
            "cold": 1.6102994976274871,
            "cluster": 1.8820597493374573,
            "nothing": 0.3570228182731896,
            "sentence": 0.40512560733269753,
            "snippet": 0.9065203162060234,
        },
    },
}
MANY = {250: (0.26296442100283457, 10.27734375), 1000: (0.7689753179947729, 40.4140625)}
