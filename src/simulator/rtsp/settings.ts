/** Every bound of the camera simulator, in one place. */
export const SIMULATOR = {
  /** An RTSP request whose start line and headers are longer is refused (400) and the connection closed. */
  headerBytesMax: 16 * 1024,
  bodyBytesMax: 64 * 1024,
  connectionsMax: 4_096,
  /** RTP payload, without the 12-byte header: fits an Ethernet frame with room for VPN headers. */
  payloadBytes: 1_400,
  /** A client with more unsent bytes than this is cut. */
  backlogBytesMax: 4 * 1024 * 1024,
  senderReportEveryMs: 5_000,
  /** Announced in the Session header; a client that says nothing for 1.5 times as long over UDP is closed. */
  sessionTimeoutSeconds: 60,
  /** After this a connection's nonce is renewed: the next request is answered 401 with stale=true. */
  nonceLifetimeMs: 300_000,
  /** A scheduler that wakes later than this shifts the camera's clock instead of sending a burst. */
  latenessMsMax: 2_000,
  /** Frames due within this time share one wake-up: 50 cameras cost 250 wake-ups a second, not 1,250. */
  wakeEveryMs: 4,
  clipBytesMax: 1024 * 1024 * 1024,
  udpPortAttempts: 50,
  /** Media waiting behind the `trickle` fault; frames beyond it are dropped. */
  trickleBytesMax: 256 * 1024,
} as const;
