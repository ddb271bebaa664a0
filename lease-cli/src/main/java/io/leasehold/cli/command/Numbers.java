package io.leasehold.cli.command;

import java.math.BigInteger;

/** Numbers from the command line, refused with Go's words. */
final class Numbers {
  private Numbers() {}

  /**
   * Reads a number with a sign.
   *
   * @throws IllegalArgumentException with Go's text if it is none
   */
  static long parse(String text, int radix) {
    return parse(text, radix, "ParseInt", BigInteger.valueOf(Long.MAX_VALUE));
  }

  /** Reads a number without a sign, as above. */
  static long parseUnsigned(String text, int radix) {
    return parse(
        text, radix, "ParseUint", BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE));
  }

  private static long parse(String text, int radix, String function, BigInteger most) {
    String problem = "invalid syntax";
    try {
      BigInteger number = new BigInteger(text, radix);
      if (number.compareTo(most) <= 0 && (number.signum() >= 0 || number.bitLength() < Long.SIZE)) {
        return number.longValue();
      }
      problem = "value out of range";
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "strconv." + function + ": parsing \"" + text + "\": " + problem);
  }
}
