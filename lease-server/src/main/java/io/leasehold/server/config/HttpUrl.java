package io.leasehold.server.config;

import io.leasehold.server.config.Settings.Setting;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;

/**
 * An address as it stands in the settings: {@code http://host:port}.
 *
 * @param host name or address; without brackets if an IPv6 address
 * @param port 0 for any free port
 */
public record HttpUrl(String host, int port) {
  private static final int PORT_MAX = 65_535;

  @Override
  public String toString() {
    return "http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** Returns the same URL with the port that was found for port 0. */
  public HttpUrl withPort(int actualPort) {
    return new HttpUrl(host, actualPort);
  }

  static List<HttpUrl> listOf(Setting setting) throws ConfigurationException {
    List<HttpUrl> urls = new ArrayList<>();
    for (String part : setting.value().split(",", -1)) {
      if (!part.isBlank()) {
        urls.add(of(part.strip(), setting));
      }
    }
    return urls;
  }

  static HttpUrl of(String text, Setting setting) throws ConfigurationException {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw wrong(setting, text, "is not a URL", "write http://HOST:PORT");
    }
    String scheme = uri.getScheme();
    if ("https".equals(scheme)) {
      throw wrong(setting, text, "TLS is not supported by this version", "use http://");
    }
    if (!"http".equals(scheme)) {
      throw wrong(setting, text, "is not an http URL", "write http://HOST:PORT");
    }
    String host = uri.getHost();
    if (host == null || host.isEmpty() || uri.getUserInfo() != null) {
      throw wrong(setting, text, "names no host", "write http://HOST:PORT");
    }
    if (uri.getPort() < 0 || uri.getPort() > PORT_MAX) {
      throw wrong(setting, text, "has no port between 0 and 65535", "write http://HOST:PORT");
    }
    boolean hasPath =
        uri.getPath() != null && !uri.getPath().isEmpty() && !uri.getPath().equals("/");
    if (hasPath || uri.getQuery() != null || uri.getFragment() != null) {
      throw wrong(setting, text, "has something after the port", "write http://HOST:PORT");
    }
    return new HttpUrl(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host, uri.getPort());
  }

  private static ConfigurationException wrong(
      Setting setting, String text, String what, String advice) {
    String whole = setting.value().equals(text) ? "" : text + " ";
    return new ConfigurationException(
        setting.origin() + " " + setting.value() + ": " + whole + what + "; " + advice);
  }
}
