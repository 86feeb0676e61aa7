import type { ComponentChildren } from 'preact';

interface ScreenProps {
  readonly title: string;
  readonly about?: string;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Screen({ title, about, actions, children }: ScreenProps) {
  return (
    <div class="screen">
      <div class="screen-head">
        <h1>{title}</h1>
        {about ? <p class="soft small">{about}</p> : null}
        <div class="buttons">{actions}</div>
      </div>
      {children}
    </div>
  );
}

export function Section({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="form" aria-label={title}>
      <div class="screen-head">
        <h2>{title}</h2>
        <div class="buttons">{actions}</div>
      </div>
      {children}
    </section>
  );
}
