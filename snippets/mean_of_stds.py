"""Is the standard deviation of all pixels the mean of the images' own standard deviations?

No, it is larger, by what the images' means vary: {{ stds.all | digits(3) }} on the digits, where the images' own
have the mean {{ stds.image | digits(3) }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.data import digits

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # torchvision's documentation
REPORTED = 0.2806
WHITE = 255


@dataclass(frozen=True)
class Result:
    white: int
    "The largest byte."
    imagenet_mean: tuple[float, ...]
    "Channel means of ImageNet: red, green, blue, pixels from 0 to 1."
    imagenet_std: tuple[float, ...]
    "The standard deviations used with them."
    reported: float
    "Standard deviation of the red channel over all pixels, as reported in pytorch/vision's issue 1439."
    bytes_mean: tuple[str, ...]
    "Channel means of ImageNet on the scale from 0 to `white`."
    bytes_std: tuple[str, ...]
    "The standard deviations used with them, on that scale."
    stds: dict[str, float]
    "Digits: standard deviation of all pixels, and the mean of the images' own standard deviations."


def compute() -> Result:
    pixels = digits()[0]
    return Result(
        white=WHITE,
        imagenet_mean=IMAGENET[0],
        imagenet_std=IMAGENET[1],
        reported=REPORTED,
        bytes_mean=tuple(f"{WHITE * value:.6g}" for value in IMAGENET[0]),
        bytes_std=tuple(f"{WHITE * value:.6g}" for value in IMAGENET[1]),
        stds={"all": pixels.std(), "image": pixels.std(axis=1).mean()},
    )


def claim_a_mean_of_stds_is_less(result: Result) -> None:
    """On the digits the standard deviation of all pixels is {{ stds.all | digits(3) }}, and the mean of the
    images’ own standard deviations {{ stds.image | digits(3) }}."""
    x = digits()[0]
    within, between = x.var(axis=1), x.mean(axis=1).var()
    assert abs(within.mean() + between - result.stds["all"] ** 2) < 1e-12  # the law of total variance
    roots = np.sqrt(np.mean(x**2, axis=1) - np.mean(x, axis=1) ** 2)
    assert abs(roots.mean() - result.stds["image"]) < 1e-9
    assert (
        result.imagenet_std[0] < result.reported and result.stds["image"] < np.sqrt(within.mean()) < result.stds["all"]
    )


if __name__ == "__main__":
    print(compute())
