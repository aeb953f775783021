// Leak tests count the process's tensors, and libtorch uses every core by itself.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
