package io.leasehold.cli.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

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
      if (address.lastIndexOf(':') < 1 || port(endpoint).isEmpty()) {
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

  /** Returns a member's host. */
  public static String host(String endpoint) {
    String address = address(endpoint);
    return address.substring(0, address.lastIndexOf(':'));
  }

  /** Returns a member's port; nothing if it names none. */
  public static OptionalInt port(String endpoint) {
    String address = address(endpoint);
    String port = address.substring(address.lastIndexOf(':') + 1);
    boolean isPort =
        !port.isEmpty() && port.length() < 6 && port.chars().allMatch(Character::isDigit);
    return isPort ? OptionalInt.of(Integer.parseInt(port)) : OptionalInt.empty();
  }
}
