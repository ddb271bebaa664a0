package io.leasehold.jepsen.cluster;

/**
 * What a connection between members is like.
 *
 * @param lossPercent of the packets that are lost
 * @param kilobitsPerSecond that pass, 0 for as many as come
 * @param delayMillis that each packet takes longer, each way
 * @param jitterMillis that each packet takes longer still at most; their order stays
 */
public record Link(int lossPercent, int kilobitsPerSecond, int delayMillis, int jitterMillis) {
  /** As it should be. */
  public static final Link WHOLE = new Link(0, 0, 0, 0);

  public Link {
    if (lossPercent < 0 || lossPercent > 100) {
      throw new IllegalArgumentException("lossPercent " + lossPercent + ": choose one up to 100");
    }
    if (kilobitsPerSecond < 0 || delayMillis < 0 || jitterMillis < 0) {
      throw new IllegalArgumentException("a link's figures are not negative");
    }
  }

  public static Link losing(int percent) {
    return new Link(percent, 0, 0, 0);
  }

  public static Link slow(int kilobitsPerSecond) {
    return new Link(0, kilobitsPerSecond, 0, 0);
  }

  public static Link delayed(int millis, int jitterMillis) {
    return new Link(0, 0, millis, jitterMillis);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (lossPercent > 0) {
      text.append(lossPercent).append(" % lost ");
    }
    if (kilobitsPerSecond > 0) {
      text.append(kilobitsPerSecond).append(" kbit/s ");
    }
    if (delayMillis + jitterMillis > 0) {
      text.append(delayMillis)
          .append(" to ")
          .append(delayMillis + jitterMillis)
          .append(" ms late ");
    }
    return text.isEmpty() ? "whole" : text.toString().strip();
  }
}
