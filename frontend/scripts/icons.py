"""Draw the app's icons (Pillow): `python frontend/scripts/icons.py`. The shapes are those of public/favicon.svg."""

from pathlib import Path

from PIL import Image, ImageDraw

OUT = Path(__file__).parent.parent / "public" / "icons"
SCALE = 8
BLUE, DEEP, WHITE, AMBER = "#3a4cc0", "#232f86", "#ffffff", "#f4bd2b"
LEFT = [(25, 13), (44, 32), (25, 51), (6, 32)]
RIGHT = [(39, 13), (58, 32), (39, 51), (20, 32)]
SHARED = [(32, 20), (44, 32), (32, 44), (20, 32)]


def draw(size: int, *, radius: float, inset: float) -> Image.Image:
    """One icon of 64 units: `radius` of its corners, and how much smaller the sign is than in the favicon."""
    side = size * SCALE
    unit = side / 64
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    canvas = ImageDraw.Draw(image)
    canvas.rounded_rectangle((0, 0, side - 1, side - 1), radius * unit, fill=BLUE)
    for points, colour in ((LEFT, WHITE), (RIGHT, AMBER), (SHARED, DEEP)):
        canvas.polygon([((32 + (x - 32) * inset) * unit, (32 + (y - 32) * inset) * unit) for x, y in points], fill=colour)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def main() -> None:
    """Write them all."""
    OUT.mkdir(exist_ok=True)
    for size in (192, 512):
        draw(size, radius=14, inset=0.9).save(OUT / f"icon-{size}.png", optimize=True)
        # Maskable ones may be cut to a circle of 80 %: the sign stays well inside.
        draw(size, radius=0, inset=0.62).save(OUT / f"maskable-{size}.png", optimize=True)
    draw(180, radius=0, inset=0.8).convert("RGB").save(OUT / "apple-touch-icon.png", optimize=True)


if __name__ == "__main__":
    main()
