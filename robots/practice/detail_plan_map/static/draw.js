// Draws the ground. Shapes become Path2D objects once, a group per quarter, so that a frame only fills and strokes.

export const PLAN_COLOURS = {
  "laga kraft": ["rgba(214, 132, 84, .30)", "#a8501f"],
  antagen: ["rgba(70, 140, 190, .42)", "#1f5f8f"],
  granskning: ["rgba(240, 178, 40, .50)", "#a36b00"],
  samråd: ["rgba(190, 110, 190, .42)", "#7d2f86"],
};

function addRing(path, flat, closed = true) {
  for (let i = 0; i < flat.length; i += 2) {
    if (i === 0) path.moveTo(flat[0], flat[1]);
    else path.lineTo(flat[i], flat[i + 1]);
  }
  if (closed) path.closePath();
  return path;
}

function boxOf(flat, box = [Infinity, Infinity, -Infinity, -Infinity]) {
  for (let i = 0; i < flat.length; i += 2) {
    box[0] = Math.min(box[0], flat[i]);
    box[1] = Math.min(box[1], flat[i + 1]);
    box[2] = Math.max(box[2], flat[i]);
    box[3] = Math.max(box[3], flat[i + 1]);
  }
  return box;
}

function touches(a, b) {
  return a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
}

export class Ground {
  constructor(data) {
    this.data = data;
    this.quarters = new Map();
    for (const home of data.properties) {
      home.box = boxOf(home.r);
      home.x = (home.r[0] + home.r[2] + home.r[4] + home.r[6]) / 4;
      home.y = (home.r[1] + home.r[3] + home.r[5] + home.r[7]) / 4;
      let quarter = this.quarters.get(home.q);
      if (!quarter) {
        quarter = { borders: new Path2D(), houses: new Path2D(), box: [Infinity, Infinity, -Infinity, -Infinity] };
        this.quarters.set(home.q, quarter);
      }
      addRing(quarter.borders, home.r);
      for (const house of home.b) addRing(quarter.houses, house);
      boxOf(home.r, quarter.box);
    }
    // What is in force lies lowest, so that what is coming is seen on top of it.
    const rank = (plan) => (plan.s === "laga kraft" ? (plan.r.flat().length > 40 ? 0 : 1) : 2);
    this.plans = data.plans
      .map((plan) => {
        const path = new Path2D();
        const box = [Infinity, Infinity, -Infinity, -Infinity];
        for (const ring of plan.r) {
          addRing(path, ring);
          boxOf(ring, box);
        }
        return { ...plan, path, box };
      })
      .sort((a, b) => rank(a) - rank(b));
    const together = (rings) => rings.reduce((path, ring) => addRing(path, ring), new Path2D());
    this.water = together(data.water);
    this.islands = together(data.islands);
    this.woods = together(data.woods);
    this.parks = together(data.parks);
    this.streets = data.streets.reduce((path, s) => addRing(path, s.p, false), new Path2D());
    this.roads = data.roads.reduce((path, s) => addRing(path, s.p, false), new Path2D());
    this.ferry = addRing(new Path2D(), data.ferry, false);
    this.byName = new Map(data.properties.map((home) => [home.d, home]));
  }

  at(x, y) {
    return this.data.properties.find((home) => {
      if (x < home.box[0] || x > home.box[2] || y < home.box[1] || y > home.box[3]) return false;
      let inside = false;
      for (let i = 0, j = home.r.length - 2; i < home.r.length; j = i, i += 2) {
        const [ax, ay, bx, by] = [home.r[i], home.r[i + 1], home.r[j], home.r[j + 1]];
        if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
      }
      return inside;
    });
  }
}

export function paint(ctx, view, ground, layers, chosen, measure) {
  const { res, ratio } = view;
  const shown = view.bounds();
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.fillStyle = "#eeece4";
  ctx.fillRect(0, 0, view.width, view.height);
  const s = ratio / res;
  ctx.setTransform(s, 0, 0, -s, (view.width / 2) * ratio - view.x * s, (view.height / 2) * ratio + view.y * s);
  ctx.lineJoin = ctx.lineCap = "round";
  fill(ctx, ground.woods, "#d3e2c4");
  if (layers.vatten) {
    fill(ctx, ground.water, "#a9cfe6");
    stroke(ctx, ground.islands, "#8fbbd6", 2.5 * res);
    fill(ctx, ground.islands, "#eeece4");
    ctx.setLineDash([7 * res, 5 * res]);
    stroke(ctx, ground.ferry, "#3d6f92", 1.6 * res);
    ctx.setLineDash([]);
  }
  fill(ctx, ground.parks, "#dbe8cd");
  if (res < 6) {
    stroke(ctx, ground.streets, "#cfc9bb", 10 + 1.4 * res);
    stroke(ctx, ground.roads, "#c9a877", 15 + 2.2 * res);
    stroke(ctx, ground.streets, "#ffffff", 9);
  } else stroke(ctx, ground.roads, "#c9a877", 15 + 2.2 * res);
  stroke(ctx, ground.roads, "#fff3d9", 14);
  if (layers.planer) paintPlans(ctx, ground, shown, res);
  for (const quarter of ground.quarters.values()) {
    if (!touches(quarter.box, shown)) continue;
    if (res < 5) {
      fill(ctx, quarter.houses, "#b9b0a4");
      if (res < 1.6) stroke(ctx, quarter.houses, "#8b8277", 0.8 * res);
    }
    if (layers.granser) stroke(ctx, quarter.borders, "rgba(120, 40, 40, .75)", (res < 2 ? 1 : 0.5) * res);
  }
  if (chosen) {
    const path = addRing(new Path2D(), chosen.r);
    fill(ctx, path, "rgba(0, 190, 220, .30)");
    stroke(ctx, path, "#ffffff", 6 * res);
    stroke(ctx, path, "#007c94", 3 * res);
  }
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  paintNames(ctx, view, ground, layers, shown);
  if (measure.length) paintMeasure(ctx, view, measure);
}

function fill(ctx, path, colour) {
  ctx.fillStyle = colour;
  ctx.fill(path, "nonzero");
}

function stroke(ctx, path, colour, width) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.stroke(path);
}

function paintPlans(ctx, ground, shown, res) {
  for (const plan of ground.plans) {
    if (!touches(plan.box, shown)) continue;
    const [inner, border] = PLAN_COLOURS[plan.s];
    ctx.fillStyle = inner;
    ctx.fill(plan.path, "evenodd");
    ctx.setLineDash(res < 3 ? [9 * res, 4 * res] : []);
    stroke(ctx, plan.path, border, (res < 3 ? 2 : 1) * res);
  }
  ctx.setLineDash([]);
}

function words(ctx, text, x, y, font, colour, halo = "rgba(255,255,255,.85)") {
  ctx.font = font;
  ctx.lineWidth = 3;
  ctx.strokeStyle = halo;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}

const FACE = "'Segoe UI', 'Liberation Sans', Arial, sans-serif";

function paintNames(ctx, view, ground, layers, shown) {
  const { res } = view;
  const { data } = ground;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  if (layers.vatten) {
    for (const name of data.names) {
      words(ctx, name.n, ...view.toScreen(name.x, name.y), `italic 13px ${FACE}`, "#2d6a92", "rgba(169,207,230,.9)");
    }
  }
  if (res < 3.2) for (const road of data.roads) alongLine(ctx, view, road, `600 12px ${FACE}`, "#6d5426", shown);
  if (res < 1.3) {
    for (const street of data.streets) if (street.n) alongLine(ctx, view, street, `12px ${FACE}`, "#55503f", shown);
    for (const home of data.properties) {
      if (!touches(home.box, shown)) continue;
      const [x, y] = view.toScreen(home.x, home.y);
      const short = home.d.slice(home.q.length + 1);
      if (layers.granser && res < 0.9) words(ctx, short, x, y - (layers.adresser ? 7 : 0), `11px ${FACE}`, "#7a1f1f");
      if (layers.adresser) {
        const address = res < 0.35 ? home.a : home.a.slice(home.a.lastIndexOf(" ") + 1);
        words(ctx, address, x, y + (layers.granser && res < 0.9 ? 7 : 0), `600 11px ${FACE}`, "#1d3f5e");
      }
    }
  }
  if (res > 0.55) {
    const size = res > 5 ? 11 : res > 2 ? 15 : 18;
    for (const q of data.quarters) words(ctx, q.n.toUpperCase(), ...view.toScreen(q.x, q.y), `600 ${size}px ${FACE}`, "#3c3a33");
  }
}

// A street's name stands on the middle of what is seen of it, turned along it.
function alongLine(ctx, view, street, font, colour, shown) {
  const seen = [];
  for (let i = 0; i < street.p.length; i += 2) {
    const [x, y] = [street.p[i], street.p[i + 1]];
    if (x > shown[0] && x < shown[2] && y > shown[1] && y < shown[3]) seen.push([x, y]);
  }
  if (seen.length < 2) return;
  const middle = Math.floor((seen.length - 1) / 2);
  const [ax, ay] = view.toScreen(...seen[middle]);
  const [bx, by] = view.toScreen(...seen[middle + 1]);
  let turn = Math.atan2(by - ay, bx - ax);
  if (Math.abs(turn) > Math.PI / 2) turn += Math.PI;
  ctx.save();
  ctx.translate((ax + bx) / 2, (ay + by) / 2);
  ctx.rotate(turn);
  words(ctx, street.n, 0, 0, font, colour);
  ctx.restore();
}

function paintMeasure(ctx, view, points) {
  ctx.beginPath();
  points.forEach((point, n) => ctx[n ? "lineTo" : "moveTo"](...view.toScreen(...point)));
  ctx.setLineDash([6, 4]);
  ctx.lineWidth = 2.5;
  ctx.strokeStyle = "#c2185b";
  ctx.stroke();
  ctx.setLineDash([]);
  for (const point of points) {
    ctx.beginPath();
    ctx.arc(...view.toScreen(...point), 4.5, 0, 7);
    ctx.fillStyle = "#fff";
    ctx.fill();
    ctx.stroke();
  }
}
