"""How long it takes until another conversation is on the screen, measured in the page."""

# Two frames: the second callback runs after the first one was painted.
SWITCH = """([peer, from]) => new Promise((done) => {
    const link = document.querySelector(`nav a[href="/chat/${peer}"]`);
    const start = performance.now();
    const ready = () => {
        const article = document.querySelector("[role=log] article");
        const old = document.querySelector(`article[data-message-id="${from}"]`);
        if (!article || old || !location.pathname.endsWith(`/${peer}`)) {
            requestAnimationFrame(ready);
            return;
        }
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
    };
    link.click();
    requestAnimationFrame(ready);
})"""
