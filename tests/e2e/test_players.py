"""Audio and video play in place, and seek."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.attaching import send_files
from tests.e2e.people import Person

SILENCE = b"\xff\xfb\x90\x00" + bytes(413)
"""A frame of MP3: 26 ms of nothing at 128 kbit/s."""

RECORD = """async () => {
    const canvas = document.createElement("canvas");
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm; codecs=vp8" });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
    recorder.start(100);
    for (let shade = 0; shade < 25; shade += 1) {
        canvas.getContext("2d").fillStyle = `hsl(${shade * 10} 80% 50%)`;
        canvas.getContext("2d").fillRect(0, 0, canvas.width, canvas.height);
        await new Promise((resolve) => { setTimeout(resolve, 40); });
    }
    recorder.stop();
    await stopped;
    return Array.from(new Uint8Array(await new Blob(parts).arrayBuffer()));
}"""


def test_audio_plays_from_anywhere(pair: tuple[Person, Person], tmp_path: Path) -> None:
    olena, bohdan = pair
    song = tmp_path / "пісня.mp3"
    song.write_bytes(SILENCE * 4000)
    parts: list[str] = []
    bohdan.page.on("request", lambda request: parts.append(request.headers.get("range", "")))
    send_files(olena, "послухай", song)
    player = bohdan.message("послухай").locator("audio[controls]")
    expect(player).to_have_js_property("readyState", 4, timeout=15_000)
    assert player.evaluate("audio => audio.duration") == pytest.approx(104.5, abs=1)
    position = player.evaluate(
        """audio => new Promise((resolve) => {
            audio.onseeked = () => resolve(audio.currentTime);
            audio.currentTime = 90;
        })"""
    )
    assert position == pytest.approx(90, abs=0.1)
    assert any(part.startswith("bytes=") for part in parts)
    expect(bohdan.message("послухай").get_by_role("link", name="пісня.mp3")).to_be_visible()


def test_video_plays_in_place_of_the_same_size(pair: tuple[Person, Person], tmp_path: Path) -> None:
    olena, bohdan = pair
    scratch = olena.context.new_page()
    film = tmp_path / "фільм.webm"
    film.write_bytes(bytes(scratch.evaluate(RECORD)))
    scratch.close()
    send_files(olena, "подивись", film)
    player = bohdan.message("подивись").locator("video[controls][preload=metadata]")
    expect(player).to_be_visible()
    before = player.bounding_box()
    expect(player).to_have_js_property("videoWidth", 300)
    assert player.bounding_box() == before
    player.evaluate("video => { video.muted = true; return video.play(); }")
    expect(player).to_have_js_property("ended", value=True, timeout=10_000)
    player.evaluate("video => { video.currentTime = 0.2; }")
    expect(player).to_have_js_property("seeking", value=False)
    assert player.evaluate("video => video.currentTime") == pytest.approx(0.2, abs=0.05)


def test_a_broken_recording_is_still_a_file(pair: tuple[Person, Person], tmp_path: Path) -> None:
    olena, bohdan = pair
    song = tmp_path / "тиша.ogg"
    song.write_bytes(b"OggS" + bytes(200))
    send_files(olena, "не грає", song)
    expect(bohdan.message("не грає").get_by_role("link", name="тиша.ogg")).to_be_visible()
    expect(bohdan.message("не грає").locator("audio")).to_have_count(0)
