// Which part of the ground the canvas shows, and how it moves. Map metres are east and north; y points up.

const FINEST = 0.12; // metres per pixel
const COARSEST = 9;

export class View {
  constructor(canvas, redraw) {
    this.canvas = canvas;
    this.redraw = redraw;
    this.x = 360;
    this.y = 400;
    this.res = 4;
    this.flight = 0;
    this.resize();
  }

  resize() {
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.width * this.ratio);
    this.canvas.height = Math.round(this.height * this.ratio);
    this.redraw();
  }

  toMap(px, py) {
    return [this.x + (px - this.width / 2) * this.res, this.y - (py - this.height / 2) * this.res];
  }

  toScreen(x, y) {
    return [(x - this.x) / this.res + this.width / 2, (this.y - y) / this.res + this.height / 2];
  }

  bounds() {
    const w = (this.width / 2) * this.res;
    const h = (this.height / 2) * this.res;
    return [this.x - w, this.y - h, this.x + w, this.y + h];
  }

  pan(dx, dy) {
    this.flight += 1; // a hand on the map stops a flight
    this.x = clamp(this.x - dx * this.res, -4000, 4600);
    this.y = clamp(this.y + dy * this.res, -3000, 3800);
    this.redraw();
  }

  zoomAt(px, py, factor) {
    this.flight += 1;
    const [mx, my] = this.toMap(px, py);
    this.res = clamp(this.res * factor, FINEST, COARSEST);
    this.x = mx - (px - this.width / 2) * this.res;
    this.y = my + (py - this.height / 2) * this.res;
    this.redraw();
  }

  // Fly there; the promise says whether it arrived undisturbed.
  fly(x, y, res, milliseconds = 300) {
    this.flight += 1;
    const mine = this.flight;
    const from = { x: this.x, y: this.y, res: this.res };
    const to = clamp(res, FINEST, COARSEST);
    const began = performance.now() - (document.hidden ? milliseconds : 0); // nobody watches: no frames come
    return new Promise((arrived) => {
      const step = () => {
        if (mine !== this.flight) {
          arrived(false);
          return;
        }
        const part = Math.min(1, (performance.now() - began) / milliseconds);
        const eased = part < 0.5 ? 2 * part * part : 1 - (2 - 2 * part) ** 2 / 2;
        this.res = from.res * (to / from.res) ** eased;
        this.x = from.x + (x - from.x) * eased;
        this.y = from.y + (y - from.y) * eased;
        this.redraw();
        if (part < 1) requestAnimationFrame(step);
        else arrived(true);
      };
      if (document.hidden) step();
      else requestAnimationFrame(step);
    });
  }
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
