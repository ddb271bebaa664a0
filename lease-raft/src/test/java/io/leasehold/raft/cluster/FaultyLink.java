package io.leasehold.raft.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP relay in front of one member's peer port: what the others know as its address. It can cut
 * connections, hold bytes back without closing anything, and be pointed at another port, as a name
 * is when its member moves.
 */
public final class FaultyLink implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final ServerSocket server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Object gate = new Object();
  private volatile int targetPort;
  private volatile boolean refusing;
  private boolean stalled;
  private volatile boolean closed;

  public FaultyLink(int targetPort) throws IOException {
    this.targetPort = targetPort;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    thread("accept", this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  /** Lets new connections go to another port. */
  public void pointAt(int port) {
    targetPort = port;
  }

  /** Closes all connections; new ones are served. */
  public void cut() {
    sockets.forEach(FaultyLink::closeQuietly);
  }

  /** Closes all connections and every new one, until healed. */
  public void refuse() {
    refusing = true;
    cut();
  }

  /** Holds all bytes back without closing anything, until healed. */
  public void stall() {
    synchronized (gate) {
      stalled = true;
    }
  }

  /** Ends refusing and stalling. */
  public void heal() {
    refusing = false;
    synchronized (gate) {
      stalled = false;
      gate.notifyAll();
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      server.close();
    } catch (IOException ignored) {
      // It goes with the process.
    }
    cut();
    heal();
  }

  private void accept() {
    while (!closed) {
      try {
        Socket from = server.accept();
        if (refusing) {
          closeQuietly(from);
          continue;
        }
        thread("relay", () -> relay(from));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void relay(Socket from) {
    Socket to = new Socket();
    sockets.add(from);
    sockets.add(to);
    try {
      from.setTcpNoDelay(true);
      to.setTcpNoDelay(true);
      to.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort), 1000);
      thread("back", () -> pump(to, from));
      pump(from, to);
    } catch (IOException e) {
      drop(from, to);
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitOpen();
        out.write(buffer, 0, read);
      }
    } catch (IOException | InterruptedException e) {
      // Closed by a member, or by the test.
    }
    drop(from, to);
  }

  private void awaitOpen() throws InterruptedException {
    synchronized (gate) {
      while (stalled && !closed) {
        gate.wait();
      }
    }
  }

  private void drop(Socket a, Socket b) {
    closeQuietly(a);
    closeQuietly(b);
    sockets.remove(a);
    sockets.remove(b);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException ignored) {
      // It is closed either way.
    }
  }

  private void thread(String what, Runnable body) {
    Thread thread = new Thread(body, "link-" + port() + "-" + what);
    thread.setDaemon(true);
    thread.start();
  }
}
