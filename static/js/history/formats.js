/** Writes seconds as 4:05 or 1:02:03, as the pages do. */
export function clock(seconds) {
  const total = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Writes a fraction as the pages do. */
export function percent(fraction) {
  return `${Math.round(100 * fraction)}%`;
}

// Times are sent in UTC; the browser knows the visitor's time zone.
export function showLocalTimes(root, zone = undefined) {
  const language = root.documentElement.lang || undefined;
  const format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone: zone });
  for (const time of root.querySelectorAll("time[data-moment]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    time.title = time.textContent;
    time.textContent = format.format(moment);
  }
}
