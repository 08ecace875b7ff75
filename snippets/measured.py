"""What `make bench` measured last; written by benchmarks/run.py."""

ABOUT = {
    "date": "2026-11-28",
    "rounds": 3,
    "cores": 2,
    "system": "Linux x86_64, Python 3.11.7",
    "versions": {
        "mkdocs": "1.6.1",
        "mkdocs_material": "9.8.2",
        "numpy": "2.4.6",
        "matplotlib": "3.11.2",
        "distributed": "2026.8.0",
    },
}
MEASURED = {
    20: {
        "seconds": {
            "snippets": 2.3211247300059767,
            "cold": 4.94271975599986,
            "megabytes": 145.6162109375,
            "bare": 0.7166376239983947,
            "both cores": 2.6400000000000015,
            "nothing": 0.6163385420004488,
            "sentence": 0.6163633439937257,
            "snippet": 1.2771434619935462,
            "shared": 2.968840708002972,
            "cluster": 6.543076874993858,
        },
        "ratios": {
            "cold": 1.8722423318181278,
            "cluster": 1.2955474931126907,
            "nothing": 0.8597816168183026,
            "sentence": 0.8600767296514513,
            "snippet": 1.7821328649588277,
        },
    },
    80: {
        "seconds": {
            "snippets": 9.500378439995984,
            "cold": 18.179749074995925,
            "megabytes": 158.353515625,
            "bare": 1.7715324410019093,
            "both cores": 10.180000000000003,
            "nothing": 1.320547349001572,
            "sentence": 1.1703830609985744,
            "snippet": 1.9300869450016762,
            "shared": 9.238293982001778,
            "cluster": 19.980674826001632,
        },
        "ratios": {
            "cold": 1.7858299680742553,
            "cluster": 1.130230645889921,
            "nothing": 0.7454265687930175,
            "sentence": 0.660661376506688,
            "snippet": 1.0868693660371997,
        },
    },
}
MANY = {250: (0.22639179100224283, 18.4140625), 1000: (1.1403762350018951, 72.3203125)}
