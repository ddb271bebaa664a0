package io.leasehold.bench.etcd;

import io.leasehold.bench.load.Lane;
import io.leasehold.bench.wire.Link;
import io.leasehold.bench.wire.Method;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Makes one call after the other of the same method. */
public final class UnaryLane extends Lane {
  private final Link link;
  private final Method method;
  private final Tickets tickets;
  private final LongFunction<byte @Nullable []> requests;

  /**
   * @param tickets numbers its calls; shared by lanes that have something to do together
   * @param requests makes the request of a number; null when there is no call for it
   */
  public UnaryLane(
      Link link, Method method, Tickets tickets, LongFunction<byte @Nullable []> requests) {
    super(link.eventLoop());
    this.link = link;
    this.method = method;
    this.tickets = tickets;
    this.requests = requests;
  }

  @Override
  protected boolean begin(long nowNanos) {
    long ticket = tickets.next();
    byte[] request = ticket < 0 ? null : requests.apply(ticket);
    if (request == null) {
      return false;
    }
    call(link, method, request, (answer, atNanos) -> done(atNanos));
    return true;
  }
}
