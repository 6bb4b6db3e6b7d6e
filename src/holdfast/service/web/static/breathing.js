// A pace to breathe with, in words only: nothing moves, nothing flashes. Without this script the words suffice.
const place = document.getElementById("breath");
const start = document.getElementById("breath-start");
if (place && start) {
  const words = place.textContent;
  const phases = [["Breathe in", Number(place.dataset.in)], ["Hold gently", Number(place.dataset.hold)], ["Breathe out", Number(place.dataset.out)]].filter(([, seconds]) => seconds > 0);
  const rounds = Number(place.dataset.rounds);
  let timer = null;
  const stop = (text) => { clearInterval(timer); timer = null; place.textContent = text; start.textContent = "Start the pace"; };
  const run = () => {
    let round = 1, phase = 0, left = phases[0][1];
    const show = () => { place.textContent = `${phases[phase][0]} · ${left} (${round} of ${rounds})`; };
    show();
    timer = setInterval(() => {
      left -= 1;
      if (left === 0) {
        phase += 1;
        if (phase === phases.length) { phase = 0; round += 1; }
        if (round > rounds) { stop("That was the last round. Breathe as you like."); return; }
        left = phases[phase][1];
      }
      show();
    }, 1000);
    start.textContent = "Stop the pace";
  };
  start.hidden = false;
  start.addEventListener("click", () => (timer ? stop(words) : run()));
}
