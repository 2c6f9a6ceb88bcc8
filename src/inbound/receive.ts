// Owns what the channel says to the host about when a received message counts as received.

/** Once it is written down: its row and the feed's progress are one transaction, and before that it is read again. */
export const receiveAdapter = {
  defaultAckPolicy: "after_receive_record",
  supportedAckPolicies: ["after_receive_record"],
} as const;
