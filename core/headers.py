"""Headers that every answer has: pages, answers of the API, files of style and scripts, streams of events."""

from typing import Final

# What a page's scripts may ask the device for: the camera scans, the screen stays awake, the alert sounds.
PERMISSIONS: Final = {
    **dict.fromkeys(("autoplay", "camera", "fullscreen", "screen-wake-lock"), "(self)"),
    **dict.fromkeys(("accelerometer", "bluetooth", "display-capture", "geolocation", "gyroscope"), "()"),
    **dict.fromkeys(("magnetometer", "microphone", "midi", "payment", "serial", "usb"), "()"),
}
EVERYWHERE: Final = {
    # Nothing from other origins, and no inline scripts.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; frame-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'self'; manifest-src 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}={who}" for name, who in PERMISSIONS.items()),
}


def as_bytes() -> list[tuple[bytes, bytes]]:
    """For an answer that Django does not make."""
    return [(name.lower().encode(), value.encode()) for name, value in EVERYWHERE.items()]
