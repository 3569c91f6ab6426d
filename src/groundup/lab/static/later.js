// Does what nobody sees yet in its order, while the browser rests.
const AT_ONCE = 12; // milliseconds, where the browser cannot say how long it rests
const rest = window.requestIdleCallback ?? ((act) => setTimeout(act));

// Calls functions one after the other; where the page is printed, all that are left at once.
export async function doLater(tasks) {
  const waiting = [...tasks];
  const doAll = () => { while (waiting.length) waiting.shift()(); };
  addEventListener("beforeprint", doAll);
  while (waiting.length) {
    const deadline = await new Promise((done) => rest(done, { timeout: 200 }));
    const end = performance.now() + Math.max(AT_ONCE, deadline?.timeRemaining() ?? 0);
    while (waiting.length && performance.now() < end) waiting.shift()();
  }
  removeEventListener("beforeprint", doAll);
}
