package io.leasehold.jepsen.history;

import com.google.gson.JsonParseException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a {@link HistoryWriter} wrote. */
public final class HistoryReader {
  private static final int LINE_BYTES_MAX = 64 << 20;

  private HistoryReader() {}

  /**
   * A last line that was not written to its end is left out: the run was killed.
   *
   * @throws DamagedHistoryException if any other line cannot be read
   */
  public static History read(Path path) throws IOException {
    List<Entry> entries = new ArrayList<>();
    long line = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16)) {
      Line read = next(in);
      while (read != null) {
        line++;
        try {
          entries.add(Json.read(read.text(), Entry.class));
        } catch (JsonParseException | IllegalArgumentException e) {
          if (read.ended()) {
            throw new DamagedHistoryException(path.getFileName().toString(), line, e);
          }
        }
        read = next(in);
      }
    }
    return new History(entries);
  }

  private static @Nullable Line next(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    int next = in.read();
    while (next >= 0 && next != '\n') {
      if (bytes.size() >= LINE_BYTES_MAX) {
        throw new IOException("a line of more than " + LINE_BYTES_MAX + " bytes");
      }
      bytes.write(next);
      next = in.read();
    }
    if (next < 0 && bytes.size() == 0) {
      return null;
    }
    return new Line(bytes.toString(StandardCharsets.UTF_8), next >= 0);
  }

  private record Line(String text, boolean ended) {}
}
