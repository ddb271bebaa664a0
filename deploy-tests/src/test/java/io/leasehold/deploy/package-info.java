/**
 * Tests of what is in {@code deploy/}. Those of containers need an engine and the image, and say so
 * when there is none. Entry class: {@link io.leasehold.deploy.ContainersIT}.
 */
@NullMarked
package io.leasehold.deploy;

import org.jspecify.annotations.NullMarked;
