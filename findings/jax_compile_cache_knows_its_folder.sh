#!/usr/bin/env bash
# jax 0.10.2, CPU: a copy of the persistent compilation cache in another folder is never used.
#
# Expected: an entry is found by what was compiled, the flags and the versions, so that a job on a cluster may copy the cache to
# the node's own disk, or a container may mount it at another place, and compile nothing again.
# Seen: the same program of the same JAX on the same machine
#   in the folder where it was compiled    is read: 1 hit, nothing compiled
#   with that folder copied to another     is compiled again under another name: 0 hits, and the folder then holds two entries
# The folder's own path is part of the name of an entry. With the cache on, JAX sets XLA's
# xla_gpu_per_fusion_autotune_cache_dir to a folder below it, on a CPU too; of the options that hold a path, cache_key.py blanks
# those of dumps and of CUDA's data, and not this one. With jax_persistent_cache_enable_xla_caches=none the copy is used.
#
# Exits 0 while that is so, 1 when the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cat >"$folder/compile.py" <<'PYTHON'
import collections
import sys

import jax
import jax.numpy as jnp

seen = collections.Counter()
jax.monitoring.register_event_listener(lambda event, **_: seen.update([event]))
jax.config.update("jax_compilation_cache_dir", sys.argv[1])
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
jax.config.update("jax_persistent_cache_enable_xla_caches", sys.argv[2])


@jax.jit
def step(w):
    return w - 0.1 * jnp.tanh(w)


step.lower(jax.ShapeDtypeStruct((3,), jnp.float32)).compile()
print(seen["/jax/compilation_cache/cache_hits"])
PYTHON
hits() {
  JAX_PLATFORMS=cpu "$folder/venv/bin/python" "$folder/compile.py" "$1" "$2"
}
usual=xla_gpu_per_fusion_autotune_cache_dir
first=$(hits "$folder/cache" $usual)
again=$(hits "$folder/cache" $usual)
cp -r "$folder/cache" "$folder/copy"
copied=$(hits "$folder/copy" $usual)
entries=$(find "$folder/copy" -name 'jit_step-*-cache' | wc -l)
hits "$folder/without" none >/dev/null
cp -r "$folder/without" "$folder/without-copy"
without=$(hits "$folder/without-copy" none)
echo "hits: first run $first, same folder $again, copied folder $copied (entries of one program there: $entries)"
echo "hits in a copy without XLA's own caches: $without"
[[ $first == 0 && $again == 1 && $copied == 0 && $entries == 2 && $without == 1 ]] || {
  echo "the behaviour has changed"
  exit 1
}
