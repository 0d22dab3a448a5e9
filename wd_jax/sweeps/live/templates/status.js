"use strict";
{
  const age = document.getElementById("age");
  const written = Number(document.body.dataset.at);
  const stale = Number(document.body.dataset.stale);
  const running = document.body.dataset.running === "yes";
  const tell = () => {
    const seconds = Math.max(0, Math.round(Date.now() / 1000 - written));
    age.textContent = seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
    document.body.classList.toggle("stale", running && seconds > stale);
  };
  tell();
  setInterval(tell, 1000);
}
