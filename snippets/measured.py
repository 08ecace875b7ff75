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
            "snippets": 4.336807512001542,
            "cold": 7.765129740997509,
            "megabytes": 114.7939453125,
            "bare": 1.7778723429946695,
            "both cores": 4.904999999999999,
            "nothing": 0.82728022000083,
            "sentence": 0.9194112810000661,
            "snippet": 2.5052001219955855,
            "shared": 5.917913432997011,
            "cluster": 11.529365305999818,
        },
        "ratios": {
            "cold": 1.5929993712180637,
            "cluster": 1.3515200714026852,
            "nothing": 0.4925935352421951,
            "sentence": 0.6063318220377137,
            "snippet": 1.4091001144524227,
        },
    },
    80: {
        "seconds": {
            "snippets": 17.515131146996282,
            "cold": 27.347649663002812,
            "megabytes": 130.9912109375,
            "bare": 4.016367708994949,
            "both cores": 19.02500000000002,
            "nothing": 1.2228664529975504,
            "sentence": 1.5784740259987302,
            "snippet": 3.038128284002596,
            "shared": 16.065370024000003,
            "cluster": 34.1702592839938,
        },
        "ratios": {
            "cold": 1.422579122707302,
            "cluster": 1.2668565892703911,
            "nothing": 0.3225960646080359,
            "sentence": 0.4165694329177362,
            "snippet": 0.793807570553149,
        },
    },
}
MANY = {250: (0.25850042499951087, 10.2734375), 1000: (1.000858409999637, 40.453125)}
