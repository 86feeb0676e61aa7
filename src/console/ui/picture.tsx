import { useEffect, useRef, useState } from 'preact/hooks';
import { pictureAddress } from './image_cache.js';

interface PictureProps {
  readonly src: string;
  readonly alt: string;
  readonly class: string;
  /** The picture is on the screen. */
  readonly onShown?: () => void;
}

/** A picture of the API: behind the session, asked for when it comes into view, and said when it cannot be shown. */
export function Picture({ src, alt, class: name, onShown }: PictureProps) {
  const element = useRef<HTMLSpanElement>(null);
  const [address, setAddress] = useState<string | null | undefined>(undefined);
  useEffect(() => {
    let over = false;
    setAddress(undefined);
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      void pictureAddress(src).then((found) => {
        if (!over) setAddress(found);
      });
    });
    if (element.current) seen.observe(element.current);
    return () => {
      over = true;
      seen.disconnect();
    };
  }, [src]);
  return (
    <span ref={element} class={name}>
      {address ? (
        <img src={address} alt={alt} decoding="async" onLoad={onShown} onError={() => setAddress(null)} />
      ) : null}
      {address === null ? <span class="small">no picture</span> : null}
    </span>
  );
}
