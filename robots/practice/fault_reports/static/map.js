// The map: a picture that is moved by hand and by the wheel, and one pin on it.

const FINEST = 0.25; // metres in a picture element
const COARSEST = 12;

export class Map {
  constructor(box, canvas, marker, ground, picked) {
    Object.assign(this, { box, canvas, marker, ground, picked });
    this.x = 400;
    this.y = 400;
    this.flight = 0;
    this.pin = null;
    this.mark = null;
    this.res = 8;
    new ResizeObserver(() => this.resize()).observe(box);
    this.resize();
    this.res = Math.max(5600 / this.width, 4100 / this.height);
    this.draw();
    this.hand();
  }

  resize() {
    this.width = this.box.clientWidth;
    this.height = this.box.clientHeight;
    this.canvas.width = this.width;
    this.canvas.height = this.height;
    this.draw();
  }

  at(x, y) {
    return [this.width / 2 + (x - this.x) / this.res, this.height / 2 - (y - this.y) / this.res];
  }

  place(px, py) {
    return [this.x + (px - this.width / 2) * this.res, this.y - (py - this.height / 2) * this.res];
  }

  hand() {
    let grip = null;
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      grip = { x: event.clientX, y: event.clientY, moved: false };
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!grip || Math.hypot(event.clientX - grip.x, event.clientY - grip.y) < 4) return;
      this.flight += 1;
      this.x -= (event.clientX - grip.x) * this.res;
      this.y += (event.clientY - grip.y) * this.res;
      grip = { x: event.clientX, y: event.clientY, moved: true };
      this.draw();
    });
    this.canvas.addEventListener("pointerup", (event) => {
      if (grip && !grip.moved) this.put(...this.place(event.offsetX, event.offsetY));
      grip = null;
    });
    this.canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8);
    }, { passive: false });
  }

  put(x, y) {
    this.pin = [x, y];
    this.draw();
    this.picked(Math.round(this.ground.n + y), Math.round(this.ground.e + x));
  }

  // Nearer or farther at once, with the pin in the middle.
  zoom(by) {
    this.flight += 1;
    this.res = Math.min(COARSEST, Math.max(FINEST, this.res * by));
    if (this.pin) [this.x, this.y] = this.pin;
    this.draw();
  }

  // Fly there, as maps do: a hand that points meanwhile points at where the map is just then.
  async fly(n, e) {
    this.flight += 1;
    const mine = this.flight;
    const to = [e - this.ground.e, n - this.ground.n];
    const from = [this.x, this.y, this.res];
    this.mark = to;
    const began = performance.now();
    for (let part = 0; part < 1 && mine === this.flight;) {
      await new Promise((next) => setTimeout(next, 16));
      part = Math.min(1, (performance.now() - began) / 350);
      this.x = from[0] + (to[0] - from[0]) * part;
      this.y = from[1] + (to[1] - from[1]) * part;
      this.res = from[2] + (1 - from[2]) * part;
      this.draw();
    }
  }

  draw() {
    const ctx = this.canvas.getContext("2d");
    ctx.fillStyle = "#d5d9d3";
    ctx.fillRect(0, 0, this.width, this.height);
    if (!this.ground) return;
    const [west, south, east, north] = this.ground.grans;
    this.fill(ctx, west, south, east - west, north - south, "#f3f1e8");
    for (const q of this.ground.kvarter) {
      this.fill(ctx, q.x, q.y, q.b, q.h, q.egen ? "#e2ead2" : "#efe0cf");
      this.streets(ctx, q);
    }
    this.names(ctx);
    const [x, y] = this.at(west, north);
    ctx.strokeStyle = "#9c36b5";
    ctx.setLineDash([10, 6]);
    ctx.lineWidth = 2;
    ctx.strokeRect(x, y, (east - west) / this.res, (north - south) / this.res);
    ctx.setLineDash([]);
    if (this.mark) {
      const [mx, my] = this.at(...this.mark);
      ctx.strokeStyle = "#1864ab";
      ctx.lineWidth = 3;
      ctx.beginPath();
      ctx.arc(mx, my, 12, 0, 7);
      ctx.stroke();
    }
    this.marker.hidden = !this.pin;
    if (this.pin) {
      const [px, py] = this.at(...this.pin);
      this.marker.style.transform = `translate(${px - 14}px, ${py - 36}px)`;
    }
  }

  fill(ctx, x, y, wide, high, colour) {
    const [px, py] = this.at(x, y + high);
    ctx.fillStyle = colour;
    ctx.fillRect(px, py, wide / this.res, high / this.res);
  }

  streets(ctx, q) {
    ctx.strokeStyle = "#ffffff";
    ctx.lineWidth = Math.max(2, 9 / this.res);
    for (let y = q.y + 100; y < q.y + q.h; y += 200) {
      ctx.beginPath();
      ctx.moveTo(...this.at(q.x, y));
      ctx.lineTo(...this.at(q.x + q.b, y));
      ctx.stroke();
    }
  }

  names(ctx) {
    ctx.textAlign = "center";
    for (const q of this.ground.kvarter) {
      const [x, y] = this.at(q.x + q.b / 2, q.y + q.h / 2);
      ctx.fillStyle = "#37423a";
      ctx.font = "600 13px sans-serif";
      ctx.fillText(q.namn, x, y);
      ctx.font = "12px sans-serif";
      ctx.fillStyle = "#6b756c";
      if (this.res < 6) ctx.fillText(q.gata, x, y + 18);
    }
  }
}
