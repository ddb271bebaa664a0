package io.leasehold.server;

import io.leasehold.raft.Environment;
import io.leasehold.server.config.ConfigurationException;
import io.leasehold.server.config.ServerConfig;
import io.leasehold.server.config.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.security.Security;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Runs a member until it is told to stop.
 *
 * <p>Exit codes: 0 after a graceful stop, 1 when the member could not start or had to stop, 2 when
 * the settings are wrong. Whatever goes wrong is one line on standard error.
 */
public final class Main {
  static final int EXIT_OK = 0;
  static final int EXIT_FAILED = 1;
  static final int EXIT_USAGE = 2;

  /** A graceful stop that takes longer is not one. */
  private static final long STOP_SECONDS = 15;

  private static final String ADDRESS_SECONDS = "2";
  private static final String NO_ADDRESS_SECONDS = "1";

  private static final AtomicBoolean isFailing = new AtomicBoolean();

  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
    lookUpNamesAnew();
    List<String> all = List.of(arguments);
    if (all.contains("--help") || all.contains("-h")) {
      System.out.print(Usage.help());
      return;
    }
    if (all.contains("--version")) {
      System.out.println("leasehold " + version());
      return;
    }
    ServerConfig config;
    try {
      config = ServerConfig.of(all, System.getenv());
    } catch (ConfigurationException e) {
      exit(EXIT_USAGE, e.getMessage());
      return;
    }
    Logging.configure(config.logLevel(), config.logFormat());
    run(config);
  }

  /**
   * Has the JVM keep a host's address, and that there is none, for a moment only. In containers a
   * member that stops has no name until it is back, maybe under another address; the JVM's own
   * default, set in its security properties, is not to ask again for 10 s. To be called before the
   * first lookup, after which it is fixed.
   */
  static void lookUpNamesAnew() {
    Security.setProperty("networkaddress.cache.ttl", ADDRESS_SECONDS);
    Security.setProperty("networkaddress.cache.negative.ttl", NO_ADDRESS_SECONDS);
  }

  private static void run(ServerConfig config) throws InterruptedException {
    LeaseholdServer server;
    try {
      server =
          LeaseholdServer.start(config, Environment.ofProcess(), why -> exit(EXIT_FAILED, why));
    } catch (StartException e) {
      exit(EXIT_FAILED, e.getMessage());
      return;
    } catch (RuntimeException e) {
      LoggerFactory.getLogger(Main.class).debug("start failed", e);
      exit(EXIT_FAILED, "cannot start: " + e + "; --log-level debug shows where");
      return;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
    new CountDownLatch(1).await();
  }

  /** On a signal: a graceful stop, or after a while the other kind. */
  private static void stop(LeaseholdServer server) {
    if (isFailing.get()) {
      return;
    }
    CountDownLatch isStopped = new CountDownLatch(1);
    Thread stopping =
        new Thread(
            () -> {
              server.close();
              isStopped.countDown();
            },
            "graceful-stop");
    stopping.setDaemon(true);
    stopping.start();
    try {
      if (isStopped.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(EXIT_OK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exit(EXIT_FAILED, "did not stop within " + STOP_SECONDS + " s; stopped hard");
  }

  /*
   * Halts rather than exits: after a failure nothing of this process can be trusted, a hook that waits least of all, and
   * the engine's files are made for it.
   */
  private static void exit(int code, @Nullable String line) {
    if (isFailing.compareAndSet(false, true)) {
      System.err.println("leasehold: " + String.valueOf(line).replaceAll("\\s*\\R\\s*", " "));
      System.err.flush();
      Runtime.getRuntime().halt(code);
    }
  }

  private static String version() {
    Properties properties = new Properties();
    try (InputStream in = Main.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      return "of unknown version: " + e.getMessage();
    }
    return properties.getProperty("version", "of unknown version");
  }
}
