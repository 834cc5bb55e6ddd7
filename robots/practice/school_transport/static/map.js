// Draws the home, the schools and the way between, so that all of the way is in the picture.

const EDGE = 46;

export function drawWay(canvas, told, wanted, straight) {
  const ctx = canvas.getContext("2d");
  const { width, height } = canvas;
  const xs = told.linje.map((p) => p[0]);
  const ys = told.linje.map((p) => p[1]);
  const middle = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
  const wide = Math.max(Math.max(...xs) - Math.min(...xs), 300) / (width - 2 * EDGE);
  const high = Math.max(Math.max(...ys) - Math.min(...ys), 300) / (height - 2 * EDGE);
  const res = Math.max(wide, high);
  const at = ([x, y]) => [width / 2 + (x - middle[0]) / res, height / 2 - (y - middle[1]) / res];

  ctx.fillStyle = "#eef1e6";
  ctx.fillRect(0, 0, width, height);
  streets(ctx, at, middle, res, width, height);
  ctx.lineWidth = straight ? 2 : 5;
  ctx.strokeStyle = straight ? "#6b7280" : "#c2410c";
  ctx.setLineDash(straight ? [8, 6] : []);
  ctx.lineJoin = "round";
  ctx.beginPath();
  told.linje.forEach((p, n) => (n ? ctx.lineTo(...at(p)) : ctx.moveTo(...at(p))));
  ctx.stroke();
  ctx.setLineDash([]);
  for (const school of told.skolor) {
    const [x, y] = at([school.x, school.y]);
    ctx.fillStyle = school.namn === wanted ? "#1d4ed8" : "#94a3b8";
    ctx.fillRect(x - 7, y - 7, 14, 14);
    ctx.font = "600 12px sans-serif";
    ctx.textAlign = x > width * 0.7 ? "right" : "left";
    ctx.fillText(school.namn, x + (x > width * 0.7 ? -11 : 11), y + 4);
  }
  const [hx, hy] = at(told.linje[0]);
  ctx.fillStyle = "#b91c1c";
  ctx.beginPath();
  ctx.arc(hx, hy, 8, 0, 7);
  ctx.fill();
}

function streets(ctx, at, middle, res, width, height) {
  const step = 250;
  ctx.strokeStyle = "#ffffff";
  const [halfWide, halfHigh] = [(width / 2) * res, (height / 2) * res];
  for (let x = Math.ceil((middle[0] - halfWide) / step) * step; x < middle[0] + halfWide; x += step) {
    line(ctx, at([x, middle[1] - halfHigh]), at([x, middle[1] + halfHigh]), x % 1000 ? 2 : 6);
  }
  for (let y = Math.ceil((middle[1] - halfHigh) / step) * step; y < middle[1] + halfHigh; y += step) {
    line(ctx, at([middle[0] - halfWide, y]), at([middle[0] + halfWide, y]), y % 1000 ? 2 : 6);
  }
}

function line(ctx, from, to, broad) {
  ctx.lineWidth = broad;
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}
