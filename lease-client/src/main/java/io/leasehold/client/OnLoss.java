package io.leasehold.client;

/** What a session does when its lease was lost. */
public enum OnLoss {
  /** It is over. Right for locks: who lost one must begin anew, knowingly. */
  STAY_LOST,

  /**
   * It has a new lease granted as soon as it can. Right for what is to be there as long as this.
   */
  GRANT_ANEW
}
