/** Every page, by its path; those of one thing name what `stock` makes. */
export const paths = [
  "/",
  "/runs",
  "/runs/kept",
  "/tasks",
  "/tasks/demo%3A%3Asummarize",
  "/plugins",
  "/plugins/demo",
  "/letters",
  "/letters/spoilt-1",
  "/queue",
  "/cluster",
  "/audit",
] as const;
