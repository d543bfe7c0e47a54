"""Selects the device that the networks run on, without importing torch."""

import ctypes

from recognition.errors import DependencyMissing, DeviceUnavailable
from recognition.layers import has_torch, how_to_install


def resolve_device(wanted: str) -> str:
    """Turn auto, cpu, cuda or cuda:N into `cpu` or `cuda:N`; raise DeviceUnavailable where it is not here."""
    if wanted == "cpu":
        return "cpu"
    count = count_cuda_devices()
    if wanted == "auto":
        return "cuda:0" if count and has_torch() else "cpu"
    kind, _, number = wanted.partition(":")
    if kind != "cuda" or (number and not number.isdecimal()):
        raise DeviceUnavailable(
            f"The device {wanted!r} is none of auto, cpu, cuda, cuda:N; set DEVICE to one of them."
        )
    if int(number or 0) >= count:
        raise DeviceUnavailable(
            f"The device {wanted!r} is not here ({count} CUDA devices found); set DEVICE=auto."
        )
    if not has_torch():
        raise DependencyMissing(f"The device {wanted!r} needs torch: {how_to_install('gpu')}")
    return f"cuda:{number or 0}"


def count_cuda_devices() -> int:
    """Ask the CUDA driver how many devices there are; 0 where there is no driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value
