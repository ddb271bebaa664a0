package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.entity.PeerId;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** A node that notes what it is asked to do, and leaves it to the test to say that it is done. */
final class FakeNode {
  /** What was asked for, with the member that it is about, if it is about one. */
  final List<String> asked = new ArrayList<>();

  /** To be run when what was asked for is done, in order. */
  final ArrayDeque<Closure> done = new ArrayDeque<>();

  Node node() {
    return (Node)
        Proxy.newProxyInstance(
            Node.class.getClassLoader(),
            new Class<?>[] {Node.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "addPeer", "removePeer" ->
                    asked.add(method.getName() + " " + (PeerId) arguments[0]);
                case "snapshot" -> asked.add(method.getName());
                default -> throw new UnsupportedOperationException(method.getName());
              }
              done.add((Closure) arguments[arguments.length - 1]);
              return null;
            });
  }
}
