/**
 * Shows the parts of a page that belong to a task. data-of names a task, or "faces", "picture", or "label_sets" for
 * those that have them; data-not-of hides a part for one task.
 */
export function showPartsOf(root, { name, frame_level, label_sets }) {
  const about = [name, frame_level ? "picture" : "faces", label_sets ? "label_sets" : null];
  for (const part of root.querySelectorAll("[data-of], [data-not-of]")) {
    const { of = name, notOf } = part.dataset;
    part.hidden = !about.includes(of) || notOf === name;
  }
}
