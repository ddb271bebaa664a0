package io.leasehold.bench.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The heap of another JVM, as the JDK's jcmd tells it. */
public final class JavaHeap {
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

  private JavaHeap() {}

  /** Returns what is alive after a full collection, in bytes; NaN for a process that is no JVM. */
  public static double liveBytes(long pid) throws InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    try {
      Process process =
          new ProcessBuilder(jcmd, Long.toString(pid), "GC.class_histogram")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher total = TOTAL.matcher(said);
      return process.waitFor() == 0 && total.find() ? Long.parseLong(total.group(1)) : Double.NaN;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
