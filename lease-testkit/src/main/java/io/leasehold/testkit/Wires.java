package io.leasehold.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network between the members of one cluster and their clients: relays on loopback, all of them
 * on one thread, which owns their state. The methods here may be called from any other thread; they
 * return when it is done.
 */
final class Wires implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Wires.class);

  /** What waits for the thread of the wires. */
  interface Task {
    void run() throws IOException;
  }

  /** What a key of the selector belongs to. */
  interface Ready {
    void ready() throws IOException;

    /** The channel failed: whatever hangs on it is given up. */
    void failed();
  }

  private final Selector selector;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final List<Wire> wires = new ArrayList<>();
  private final Thread thread = new Thread(this::serve, "leasehold-wires");
  private volatile boolean isClosing;

  Wires() {
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread.setDaemon(true);
    thread.start();
  }

  /** Lays a wire that leads from one port to another; it carries nothing yet. */
  Wire lay(int fromPort, int toPort) {
    Wire wire = new Wire(this, selector, fromPort, toPort);
    call(() -> wires.add(wire));
    return wire;
  }

  /** Runs the task on the thread of the wires and waits for it. */
  void call(Task task) {
    if (isClosing) {
      throw new RejectedExecutionException("the wires are closed");
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    tasks.add(
        () -> {
          try {
            task.run();
            done.complete(null);
          } catch (IOException | RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    selector.wakeup();
    try {
      done.join();
    } catch (CompletionException e) {
      throw ClusterException.of(e);
    }
  }

  @Override
  public void close() {
    isClosing = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve() {
    try (selector) {
      while (!isClosing) {
        selector.select(Wires::serve);
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
        }
      }
      wires.forEach(Wire::cutNow);
    } catch (IOException | ClosedSelectorException e) {
      LOG.error("the cluster has lost its network", e);
    }
  }

  private static void serve(SelectionKey key) {
    Ready ready = (Ready) key.attachment();
    try {
      if (key.isValid()) {
        ready.ready();
      }
    } catch (IOException e) {
      LOG.debug("a connection broke", e);
      ready.failed();
    }
  }
}
