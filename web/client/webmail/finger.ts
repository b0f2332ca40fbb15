// A finger that rests on something for a while, which means what the right button of a mouse means.

/** Milliseconds that it rests. */
const WHILE = 500;
/** Pixels by which a finger that rests moves all the same. */
const STILL = 10;

export class Finger {
  private timer = 0;
  private at = { x: 0, y: 0 };
  /** It has rested: the click that comes of lifting it means nothing more. */
  private done = false;

  /** It, or a mouse, which does not rest, is on something now. */
  down(event: PointerEvent, rested: () => void): void {
    this.lift();
    this.done = false;
    this.at = { x: event.clientX, y: event.clientY };
    if (event.pointerType !== "mouse") this.timer = window.setTimeout(() => { this.done = true; rested(); }, WHILE);
  }

  move(event: PointerEvent): void {
    if (Math.hypot(event.clientX - this.at.x, event.clientY - this.at.y) > STILL) this.lift();
  }

  lift(): void {
    clearTimeout(this.timer);
  }

  /** Whether a click was the end of its rest; each click asks. */
  clicked(): boolean {
    const { done } = this;
    this.lift();
    this.done = false;
    return done;
  }
}
