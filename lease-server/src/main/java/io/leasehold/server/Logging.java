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
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sends log lines to standard error, for people or for machines. Called once, by main. */
final class Logging {
  private static final String TEXT_LINE =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} %msg%n%ex{full}";

  private Logging() {}

  static void configure(String level, ServerConfig.LogFormat format) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setTarget("System.err");
    console.setEncoder(encoder(context, format));
    console.start();
    Level own = Level.toLevel(level, Level.INFO);
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(console);
    root.setLevel(own);
    // The engine and gRPC tell their whole lives at info.
    Level libraries = own.isGreaterOrEqual(Level.INFO) ? Level.WARN : own;
    context.getLogger("com.alipay.sofa").setLevel(libraries);
    context.getLogger("io.grpc").setLevel(libraries);
    context.getLogger("io.netty").setLevel(libraries);
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  private static Encoder<ILoggingEvent> encoder(
      LoggerContext context, ServerConfig.LogFormat format) {
    if (format == ServerConfig.LogFormat.JSON) {
      LogstashEncoder encoder = new LogstashEncoder();
      encoder.setContext(context);
      encoder.start();
      return encoder;
    }
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(TEXT_LINE);
    encoder.start();
    return encoder;
  }
}
