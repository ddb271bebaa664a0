package io.leasehold.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.leasehold.server.config.ServerConfig;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.fieldnames.LogstashCommonFieldNames;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sends log lines to standard error, for people or for machines. Called once, by main. */
final class Logging {
  private static final String TEXT_LINE =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} %msg%n";

  private Logging() {}

  static void configure(String level, ServerConfig.LogFormat format) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    Level own = Level.toLevel(level, Level.INFO);
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(console(context, format, true));
    root.setLevel(own);
    if (own.isGreaterOrEqual(Level.INFO)) {
      quietenLibraries(context, format);
    }
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  /*
   * The Raft library tells its whole life at info and warn, and each failed connection as an error. Its errors matter,
   * where they came from in its code does not: what stops the member is told by the member, in one line.
   */
  private static void quietenLibraries(LoggerContext context, ServerConfig.LogFormat format) {
    Logger raft = context.getLogger("com.alipay.sofa");
    raft.setLevel(Level.ERROR);
    raft.setAdditive(false);
    raft.addAppender(console(context, format, false));
    // An error each half second for each member that is down.
    context.getLogger("com.alipay.sofa.jraft.rpc").setLevel(Level.OFF);
    context.getLogger("com.alipay.sofa.jraft.core.Replicator").setLevel(Level.OFF);
    context.getLogger("com.alipay.sofa.jraft.core.ReplicatorGroupImpl").setLevel(Level.OFF);
    context.getLogger("io.grpc").setLevel(Level.WARN);
    // Stack traces, dozens a second, for each member whose name is unknown while its container is
    // gone.
    context.getLogger("io.grpc.internal.ManagedChannelImpl").setLevel(Level.ERROR);
    context.getLogger("io.netty").setLevel(Level.WARN);
  }

  private static ConsoleAppender<ILoggingEvent> console(
      LoggerContext context, ServerConfig.LogFormat format, boolean withStackTraces) {
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setTarget("System.err");
    console.setEncoder(encoder(context, format, withStackTraces));
    console.start();
    return console;
  }

  private static Encoder<ILoggingEvent> encoder(
      LoggerContext context, ServerConfig.LogFormat format, boolean withStackTraces) {
    if (format == ServerConfig.LogFormat.JSON) {
      LogstashEncoder encoder = new LogstashEncoder();
      encoder.setContext(context);
      if (!withStackTraces) {
        encoder.getFieldNames().setStackTrace(LogstashCommonFieldNames.IGNORE_FIELD_INDICATOR);
      }
      encoder.start();
      return encoder;
    }
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(TEXT_LINE + (withStackTraces ? "%ex{full}" : "%nopex"));
    encoder.start();
    return encoder;
  }
}
