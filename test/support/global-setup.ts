/** Runs once before all tests. Kept free of work that a single unit test would have to wait for. */
export default function setup(): void {
  process.env.TZ = 'UTC'
}
