export async function viewsOpenInStorm(_runs: number, _ms: number): Promise<number> {
  return 0
}
