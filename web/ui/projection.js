// Knows where a place lies on map.svg: Equal Earth, in the frame that vendor/project-map drew.

export const WIDTH = 1000;
export const HEIGHT = 435;
const NORTH = 84;
const A = [1.340264, -0.081106, 0.000893, 0.003796];

function equalEarth(lon, lat) {
  const t = Math.asin((Math.sqrt(3) / 2) * Math.sin((lat * Math.PI) / 180));
  const t2 = t * t, t6 = t2 * t2 * t2;
  const x = ((2 / Math.sqrt(3)) * ((lon * Math.PI) / 180) * Math.cos(t)) / (A[0] + 3 * A[1] * t2 + t6 * (7 * A[2] + 9 * A[3] * t2));
  return [x, t * (A[0] + A[1] * t2 + t6 * (A[2] + A[3] * t2))];
}

const half = equalEarth(180, 0)[0];
const top = equalEarth(0, NORTH)[1];
const scale = WIDTH / (2 * half);

export function project(lat, lon) {
  const [x, y] = equalEarth(lon, lat);
  return [(x + half) * scale, (top - y) * scale];
}
