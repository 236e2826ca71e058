import type { Html } from './html.js'

/** Line drawings that take the colours of the page's look. */
const drawings: { [name: string]: string } = {
  lantern:
    '<path d="M44 26h32l6 14H38z"/><rect x="40" y="40" width="40" height="46" rx="6" class="soft"/><path d="M36 86h48v10H36zM48 26V18a12 12 0 0 1 24 0v8"/><path class="glow" d="M60 52c9 10 9 16 0 24c-9-8-9-14 0-24z"/>',
  cap: '<path class="soft" d="M28 76a32 34 0 0 1 64 0z"/><rect x="24" y="74" width="72" height="18" rx="9"/><path d="M40 78v10M52 78v10M64 78v10M76 78v10"/><circle class="glow" cx="60" cy="38" r="7"/>',
  mug: '<path class="soft" d="M34 36h44v46a12 12 0 0 1-12 12H46a12 12 0 0 1-12-12z"/><path d="M78 48h8a10 10 0 0 1 10 10v4a14 14 0 0 1-14 14h-4"/><path class="line" d="M46 26c-4-6 4-8 0-14M60 26c-4-6 4-8 0-14"/>',
  compass:
    '<circle cx="60" cy="62" r="36"/><circle class="soft" cx="60" cy="62" r="28"/><path class="glow" d="M60 40l8 22-8 22-8-22z"/><path d="M54 20h12v8H54z"/>',
  bag: '<path class="soft" d="M36 38h48l4 52a8 8 0 0 1-8 8H40a8 8 0 0 1-8-8z"/><path d="M34 30h52v10H34z"/><path class="line" d="M84 40c10 6 10 20 4 30"/><rect class="glow" x="48" y="58" width="24" height="14" rx="3"/>',
  flags:
    '<path d="M26 16h5v88h-5z"/><path class="glow" d="M31 20h52l-14 14 14 14H31z"/><path class="soft" d="M31 54h52v28H31z"/><path class="line" d="M31 54l52 28M83 54L31 82"/>',
  rope: '<ellipse class="soft" cx="60" cy="78" rx="38" ry="18"/><ellipse cx="60" cy="66" rx="38" ry="18"/><ellipse class="soft" cx="60" cy="54" rx="38" ry="18"/><ellipse class="glow" cx="60" cy="54" rx="16" ry="7"/><path class="line" d="M96 60c10 10 4 26-6 38"/>',
  book: '<rect class="soft" x="34" y="20" width="52" height="76" rx="5"/><path d="M34 26a6 6 0 0 1 6-6h4v76h-4a6 6 0 0 1-6-6z"/><path class="line" d="M52 62c6-8 10-8 14 0s8 8 14 0M52 74c6-8 10-8 14 0s8 8 14 0"/><path class="glow" d="M58 32h20v10H58z"/>',
}

export function picture(name: string): Html {
  const drawing = drawings[name] ?? drawings.mug
  return { html: `<svg viewBox="0 0 120 116" role="img" aria-hidden="true">${drawing}</svg>` }
}
