package io.leasehold.cli.wire;

import java.util.ArrayList;
import java.util.List;

/** The members as a user names them. */
public final class Endpoints {
  private static final String TLS = "https://";
  private static final String PLAIN = "http://";

  private Endpoints() {}

  /**
   * Reads a list such as {@code 127.0.0.1:2379,https://other:2379}.
   *
   * @throws IllegalArgumentException with what is wrong, if one is none
   */
  public static List<String> parse(String list) {
    List<String> endpoints = new ArrayList<>();
    for (String one : list.split(",", -1)) {
      String endpoint = one.strip();
      String address = address(endpoint);
      int colon = address.lastIndexOf(':');
      String port = address.substring(colon + 1);
      if (colon < 1 || port.isEmpty() || !port.chars().allMatch(Character::isDigit)) {
        throw new IllegalArgumentException(
            "--endpoints " + endpoint + ": a member is host:port, or a URL with a port");
      }
      endpoints.add(endpoint);
    }
    return endpoints;
  }

  /** Returns whether a member wants TLS. */
  public static boolean isTls(String endpoint) {
    return endpoint.startsWith(TLS);
  }

  /** Returns a member's host and port. */
  static String address(String endpoint) {
    String address =
        endpoint.startsWith(TLS)
            ? endpoint.substring(TLS.length())
            : endpoint.startsWith(PLAIN) ? endpoint.substring(PLAIN.length()) : endpoint;
    return address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
  }
}
