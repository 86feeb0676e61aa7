import type { ComponentChildren } from 'preact';

/** Line icons of one weight, drawn for this console. */
function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const icons = {
  alerts: (
    <Icon>
      <path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5a2.2 2.2 0 0 0 4 0" />
    </Icon>
  ),
  search: (
    <Icon>
      <circle cx="10.5" cy="10.5" r="6" />
      <path d="m15 15 5 5" />
    </Icon>
  ),
  lists: (
    <Icon>
      <path d="M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01" />
    </Icon>
  ),
  cameras: (
    <Icon>
      <path d="M3 8.5 16 5l2 6.5L5.500 15zM18 10l3-.8M9 14.500V19M6 19h6" />
    </Icon>
  ),
  cases: (
    <Icon>
      <path d="M3.500 7.500h6l2 2.500h9v9.500h-17zM3.500 7.500v-2h5.500" />
    </Icon>
  ),
  retention: (
    <Icon>
      <path d="M6.500 3.500h11M6.500 20.500h11M7.500 3.500c0 4.500 3.500 5.500 4.500 8.500 1-3 4.500-4 4.500-8.500M7.500 20.500c0-4.500 3.500-5.500 4.500-8.500 1 3 4.500 4 4.500 8.500" />
    </Icon>
  ),
  exceptions: (
    <Icon>
      <path d="M12 4 21 19.500H3zM12 10v4.500M12 17h.01" />
    </Icon>
  ),
  partners: (
    <Icon>
      <path d="M4 20V9l6-3.500V20M10 20V9.500h9.500V20M3 20h18M13 13h.01M16.500 13h.01M13 16.500h.01M16.500 16.500h.01M7 11h.01M7 14.500h.01" />
    </Icon>
  ),
  people: (
    <Icon>
      <circle cx="9" cy="8" r="3.2" />
      <path d="M3.500 19c0-3.300 2.500-5 5.500-5s5.500 1.700 5.500 5M16 5.500a3 3 0 0 1 0 5.500M17 14.200c2.200.5 3.500 2.200 3.500 4.800" />
    </Icon>
  ),
  audit: (
    <Icon>
      <path d="M7 3.500h7l4 4V20.500H7zM14 3.500v4h4M10 12.500h5M10 16h5" />
    </Icon>
  ),
  policy: (
    <Icon>
      <path d="M12 3.500 19.500 6v5.500c0 4.500-3 7.500-7.500 9-4.500-1.500-7.500-4.500-7.500-9V6zM9 12l2.200 2.200L15.500 10" />
    </Icon>
  ),
  suspend: (
    <Icon>
      <circle cx="12" cy="12" r="8.500" />
      <path d="M9.500 9v6M14.500 9v6" />
    </Icon>
  ),
  health: (
    <Icon>
      <path d="M3 13h4l2.500-6 4 11 2.500-5H21" />
    </Icon>
  ),
  account: (
    <Icon>
      <circle cx="12" cy="8.500" r="3.500" />
      <path d="M5 20c0-3.800 3-6 7-6s7 2.200 7 6" />
    </Icon>
  ),
} as const;

export function Brand() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect x="1.500" y="7" width="29" height="18" rx="4" fill="var(--accent)" />
      <rect
        x="4.500"
        y="10"
        width="23"
        height="12"
        rx="2"
        fill="none"
        stroke="var(--accent-ink)"
        stroke-width="1.500"
      />
      <path
        d="M9.500 19v-6h2.700a1.900 1.900 0 0 1 0 3.800H9.500M22 13.800c-3-1.500-4.800 1-2.400 1.900 2.700 1 1.400 3.800-1.600 2.200"
        fill="none"
        stroke="var(--accent-ink)"
        stroke-width="1.700"
        stroke-linecap="round"
      />
    </svg>
  );
}
