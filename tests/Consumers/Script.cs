#:package MiniMind.Training@*
#:package TorchSharp-cpu@0.107.0
