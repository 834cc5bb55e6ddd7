// Fetches a piece of HTML. Null when there is no proper answer; a visitor whose session has ended is sent to log in.

export async function fragment(address) {
  try {
    const answer = await fetch(address, { cache: "no-store" });
    if (lostSession(answer)) return null;
    return answer.ok || answer.status === 404 ? await answer.text() : null;
  } catch {
    return null;
  }
}

export function lostSession(answer) {
  const lost = answer.redirected && new URL(answer.url).pathname.endsWith("/logga-in");
  if (lost) window.location.reload();
  return lost;
}
