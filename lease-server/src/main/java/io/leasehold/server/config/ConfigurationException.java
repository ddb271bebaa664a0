package io.leasehold.server.config;

/** Settings that cannot be used. The message is one line for the operator. */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1;

  public ConfigurationException(String message) {
    super(message, null, false, false);
  }
}
