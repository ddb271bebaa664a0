package io.leasehold.jepsen.history;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Appends lines to a history. Each line is handed to the operating system before the call returns,
 * so that a killed run loses at most the line that it was writing. For any number of threads.
 */
public final class HistoryWriter implements AutoCloseable {
  private final OutputStream file;
  private final Object lock = new Object();

  /**
   * Begins a history.
   *
   * @throws IOException if the file exists already or cannot be made
   */
  public HistoryWriter(Path path) throws IOException {
    // Not buffered: what is in a buffer when the run is killed would be lost.
    this.file =
        Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /**
   * Writes a line.
   *
   * @throws IOException if it could not be written; the history is then of no use any more
   */
  public void append(Entry entry) throws IOException {
    byte[] line = (Json.write(entry) + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (lock) {
      file.write(line);
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (lock) {
      file.close();
    }
  }
}
