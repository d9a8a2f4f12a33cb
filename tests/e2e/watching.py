"""Whether what is being read moves: a message is followed in the page after every frame."""

# The first message that is wholly in sight is followed after every frame that was painted.
WATCH = """() => {
    const log = document.querySelector("[role=log]");
    const top = () => log.getBoundingClientRect().top;
    const anchor = [...log.querySelectorAll("article")].find((item) => item.getBoundingClientRect().top >= top());
    const id = anchor.dataset.messageId;
    const place = () => {
        const item = log.querySelector(`article[data-message-id="${id}"]`);
        return item ? item.getBoundingClientRect().top - top() : NaN;
    };
    const watch = { id, start: place(), worst: 0, rows: 0, isOn: true };
    const look = () => {
        if (!watch.isOn) return;
        const moved = Math.abs(place() - watch.start);
        watch.worst = Number.isNaN(moved) ? 1e6 : Math.max(watch.worst, moved);
        watch.rows = Math.max(watch.rows, log.querySelectorAll("article").length);
        requestAnimationFrame(() => setTimeout(look));
    };
    look();
    window.watch = watch;
    return id;
}"""
SETTLE = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 150))))"
UNWATCH = "() => { window.watch.isOn = false; return [window.watch.worst, window.watch.rows]; }"
# What is above grows frame by frame by less than can be scrolled.
GROW_ABOVE = """async (times) => {
    const above = document.querySelector("[role=log] [data-key] article");
    if (above.dataset.messageId === window.watch.id) throw new Error("nothing is drawn above");
    for (let number = 1; number <= times; number++) {
        above.style.paddingTop = `${number * 0.375}px`;
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    }
}"""
