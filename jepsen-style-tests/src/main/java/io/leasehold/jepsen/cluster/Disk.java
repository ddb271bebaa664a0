package io.leasehold.jepsen.cluster;

/** A file system that one member has for itself. */
public interface Disk {
  /** Takes all free room but the given number of bytes. */
  void fill(long bytesLeft);

  long bytesFree();

  /** Gives the room back. */
  void release();

  /**
   * Stops the file system as a power cut would: what was not synced is gone. Writes fail from now
   * on; the member is to be killed next, and {@link #powerOn} called before it starts again.
   */
  void powerCut();

  /** Mounts the file system again with what had reached the disk. The member must not run. */
  void powerOn();

  /** Whether the power was cut and is not on again. */
  boolean isOff();
}
